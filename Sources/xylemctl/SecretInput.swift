import Glibc
import Messages

/// Passwords as people type them: from the terminal without echo, or with `--password-stdin` the next line of standard
/// input. Never from the command line, which every user of the machine can read.
enum SecretInput {
  /// Bytes of a line at most.
  private static let bytesMax = 1024

  /// Asks for a secret.
  ///
  /// - Throws: `clientBadArgument` when there is no terminal to ask on, or no line.
  static func read(_ prompt: String, isFromInput: Bool) throws(Failure) -> String {
    if isFromInput { return try line(of: STDIN_FILENO) }
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { throw missing() }
    defer { close(terminal) }
    var state = termios()
    guard tcgetattr(terminal, &state) == 0 else { throw missing() }
    var silent = state
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    defer { tcsetattr(terminal, TCSAFLUSH, &state) }
    let text = Array((prompt + ": ").utf8)
    _ = write(terminal, text, text.count)
    let answer = try line(of: terminal)
    _ = write(terminal, [0x0A] as [UInt8], 1)
    return answer
  }

  private static func missing() -> Failure {
    Failure(
      .clientBadArgument,
      ["argument": "--password-stdin", "expected": "a password line on standard input", "found": "no terminal"])
  }

  /// One byte at a time: what follows belongs to the next question.
  private static func line(of descriptor: Int32) throws(Failure) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < bytesMax {
      let count = Glibc.read(descriptor, &byte, 1)
      if count == 0 && bytes.isEmpty { throw missing() }
      if count <= 0 || byte == 0x0A { break }
      bytes.append(byte)
    }
    if bytes.last == 0x0D { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
