import Primitives

/// How many rows are worked on at a time: the buffers of a question stay in the processor's first caches.
let blockRows = 2048

/// A buffer of one block, owned.
final class BlockBuffer<Element: BitwiseCopyable> {
  // SAFETY: allocated here and freed in deinit; whoever takes the pointer keeps this object as long as it uses it.
  let pointer: UnsafeMutablePointer<Element>

  init(filledWith element: Element) {
    pointer = .allocate(capacity: blockRows)
    pointer.initialize(repeating: element, count: blockRows)
  }

  deinit { pointer.deallocate() }
}

/// The rows of a block that a question is about: their places in the block, ascending.
struct Picks {
  let rows: UnsafePointer<Int32>
  let count: Int
}
