import Testing

@testable import Xylem

// What waits for the node's thread: in order, and bounded link by link.

@Suite struct NodeMailTests {
  @Test("mailbox: rounds take the oldest first and forget nothing, however puts and takes mix")
  func order() {
    var queue = EventQueue<Int>()
    var put = 0
    var taken: [Int] = []
    for round in 0..<400 {
      for _ in 0..<(round % 7) {
        queue.append(put)
        put += 1
      }
      taken += queue.take(round % 5)
      #expect(queue.count == put - taken.count && queue.isEmpty == (put == taken.count))
    }
    taken += queue.take(queue.count)
    #expect(taken == Array(0..<put) && queue.isEmpty && queue.take(3).isEmpty)
  }

  @Test("mailbox: a link that sends more than the node takes in is dropped once, and others go on")
  func bound() {
    let mail = LinkMail()
    var verdicts: [LinkMail.Verdict] = []
    for _ in 0..<40 { verdicts.append(mail.put(1, 1 << 20)) }
    #expect(verdicts.filter { $0 == .taken }.count == 31 && verdicts[31] == .overflows)
    #expect(verdicts[32...].allSatisfy { $0 == .closed } && mail.put(2, 1 << 20) == .taken)
    // What waited of it is still looked at, then it is forgotten.
    for _ in 0..<31 { mail.took(1, 1 << 20) }
    #expect(mail.put(1, 1) == .closed)
    mail.forget(1)
    mail.took(2, 1 << 20)
    #expect(mail.waiting == 0 && mail.put(1, 1) == .taken)
  }

  @Test("mailbox: small messages have a bound too, and a link that is read from never meets one")
  func small() {
    let mail = LinkMail()
    for _ in 0..<LinkMail.messagesMax { #expect(mail.put(1, 0) == .taken) }
    #expect(mail.put(1, 0) == .overflows)
    for _ in 0..<100_000 {
      #expect(mail.put(2, 4096) == .taken)
      mail.took(2, 4096)
    }
  }

  @Test("mailbox: when all links together wait for much, one may have a window of frames and no more")
  func inAll() {
    let mail = LinkMail()
    let count = UInt64(LinkMail.bytesMaxInAll >> 20) / 30 + 1
    for link in 0..<count { for _ in 0..<30 { _ = mail.put(link, 1 << 20) } }
    #expect(mail.waiting <= LinkMail.bytesMaxInAll + LinkMail.bytesMaxOfOne)
    for _ in 0..<6 { #expect(mail.put(1000, 1 << 20) == .taken) }
    for _ in 0..<6 { _ = mail.put(1000, 1 << 20) }
    #expect(mail.put(1000, 1) == .closed)
  }
}
