import Glibc
import Primitives

/// A thread that runs one closure at a fixed pace until it is stopped. A thread of its own, because the closure syncs
/// files and must not block a shared pool.
final class TimerThread: Sendable {
  private final class Work: Sendable {
    let milliseconds: Int32
    let stopSignal: Int32
    let body: @Sendable () -> Void

    init(milliseconds: Int32, stopSignal: Int32, body: @escaping @Sendable () -> Void) {
      self.milliseconds = milliseconds
      self.stopSignal = stopSignal
      self.body = body
    }

    func run() {
      var wait = pollfd(fd: stopSignal, events: Int16(POLLIN), revents: 0)
      while true {
        let ready = poll(&wait, 1, milliseconds)
        if ready > 0 { break }
        if ready == 0 { body() }
      }
      close(stopSignal)
    }
  }

  private let thread: pthread_t
  private let signal: Int32

  /// - Requires: the process can still start a thread and open a descriptor.
  init(milliseconds: Int, body: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    require(pipe(&ends) == 0, "no descriptor is left for the store's timer")
    for end in ends { require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0, "a pipe end takes its flag") }
    signal = ends[1]
    let work = Work(milliseconds: Int32(clamping: milliseconds), stopSignal: ends[0], body: body)
    var made = pthread_t()
    // The thread takes over this one reference and gives it back when it ends.
    let status = pthread_create(
      &made, nil,
      { context in
        // pthread_create(3): the argument is passed on as given, and it is not null here.
        Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    require(status == 0, "no thread is left for the store's timer")
    thread = made
  }

  /// Ends the thread and waits for it, unless called on it. To be called exactly once.
  func stop() {
    // Closing the writing end wakes the reading end for good.
    close(signal)
    // The last reference to a store may go inside the closure; the thread then ends by itself right after.
    if pthread_equal(thread, pthread_self()) != 0 { pthread_detach(thread) } else { pthread_join(thread, nil) }
  }
}
