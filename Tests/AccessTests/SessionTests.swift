import Primitives
import Testing

@testable import Access

private func session(_ number: UInt8, at now: UInt64, user: UInt64 = 1) -> SessionTable.Session {
  SessionTable.Session(
    digest: Digest256(Bytes(repeating: number, count: 32)), user: RecordID(mint: 9, counter: user), opened: now,
    hasSecondFactor: false, mustChangePassword: false)
}

@Suite struct SessionTests {
  @Test("logins: five failures lock for 15 minutes, one success forgives the ones before")
  func lock() {
    var state = LoginState()
    for _ in 0..<4 { state.fail(at: 1000) }
    #expect(!state.isLocked(at: 1000))
    state.clear()
    for _ in 0..<5 { state.fail(at: 1000) }
    #expect(state.isLocked(at: 1000) && state.isLocked(at: 1000 + 899_999) && !state.isLocked(at: 1000 + 900_000))
    // A clock set back opens nothing.
    #expect(state.isLocked(at: 0))
  }

  @Test("sessions: idle for 15 minutes, or 12 hours old, they are over")
  func idle() {
    var table = SessionTable()
    let one = session(1, at: 0)
    table.open(one)
    var now: UInt64 = 0
    while now < SessionTable.lifeMilliseconds - 899_999 {
      now += 899_999
      if now < SessionTable.lifeMilliseconds { #expect(table.use(one.digest, at: now) != nil) }
    }
    #expect(table.use(one.digest, at: SessionTable.lifeMilliseconds) == nil)
    table.open(session(2, at: 0))
    #expect(table.use(session(2, at: 0).digest, at: 900_000) == nil)
    #expect(table.use(session(2, at: 0).digest, at: 1) == nil)
    table.open(session(3, at: 5000))
    #expect(table.use(session(3, at: 0).digest, at: 4999) == nil)
  }

  @Test("sessions: a bound, ends of one user's, and the oldest makes room")
  func bounds() {
    var table = SessionTable()
    for number in 0..<UInt64(SessionTable.sessionsMax + 5) {
      var bytes = Bytes(repeating: 0, count: 32)
      bytes[0] = UInt8(number >> 8)
      bytes[1] = UInt8(number & 255)
      table.open(
        SessionTable.Session(
          digest: Digest256(bytes), user: RecordID(mint: 1, counter: number % 2), opened: 10, hasSecondFactor: false,
          mustChangePassword: false))
    }
    #expect(table.count == SessionTable.sessionsMax)
    #expect(table.use(Digest256(Bytes(repeating: 0, count: 32)), at: 10) == nil)
    table.endAll(of: RecordID(mint: 1, counter: 0))
    #expect(table.count == SessionTable.sessionsMax / 2)
  }

  @Test("codes: one step either way, and none twice")
  func codes() {
    func step(_ code: UInt32, _ now: UInt64, _ last: UInt64) -> UInt64? {
      CodeWindow.step(of: code, now: now, last: last) { UInt32($0) }
    }
    #expect(step(100, 100, 0) == 100 && step(99, 100, 0) == 99 && step(101, 100, 0) == 101)
    #expect(step(98, 100, 0) == nil && step(102, 100, 0) == nil)
    #expect(step(100, 100, 100) == nil && step(99, 100, 100) == nil && step(101, 100, 100) == 101)
  }

  @Test("clock: a jump of more than a minute is seen once, a slow machine is none")
  func clock() {
    var watch = ClockWatch(wall: 1_000_000, running: 0)
    #expect(watch.look(wall: 1_600_000, running: 600_000) == nil)
    #expect(watch.look(wall: 1_600_000 + 3_600_000, running: 600_000) == 3_600_000)
    #expect(watch.look(wall: 1_600_000 + 3_600_001, running: 600_001) == nil)
    #expect(watch.look(wall: 100, running: 600_002) ?? 0 < -5_000_000)
  }
}
