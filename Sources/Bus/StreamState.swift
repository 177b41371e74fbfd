/// Where one stream of a client stands.
struct StreamState {
  var window: UInt32
  var received: UInt64 = 0
  /// Taken since credit was last granted.
  var uncredited: UInt32 = 0
  var take: ([UInt8]) -> Void
}
