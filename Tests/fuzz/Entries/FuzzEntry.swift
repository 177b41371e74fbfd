/// One way by which bytes of strangers come in, as a function of bytes: what it promises of any of them holds, or the process ends.
///
/// `tocsin-fuzz` looks for bytes that break a promise (`Tests/fuzz/run`); `FuzzTests` replays what it found worth keeping.
public struct FuzzEntry: Sendable {
  public enum Taking: Sendable {
    case atOnce(@Sendable ([UInt8]) -> Void)
    /// What answers like a server does.
    case answering(@Sendable ([UInt8]) async -> Void)
  }

  /// Also its folder's in the corpus.
  public let name: String
  /// Longer inputs show nothing that shorter ones don't.
  public let bytesAtMost: Int
  public let take: Taking
  /// Inputs to begin with.
  public let seeds: @Sendable () -> [[UInt8]]

  /// Where a refusal ends the entry's look at an input: whether one gets past that. At least one seed and one kept input must.
  public let isTaken: (@Sendable ([UInt8]) -> Bool)?

  init(
    _ name: String, bytesAtMost: Int = 4_096, isTaken: (@Sendable ([UInt8]) -> Bool)? = nil,
    seeds: @escaping @Sendable () -> [[UInt8]] = { [] }, _ take: Taking
  ) {
    self.isTaken = isTaken
    self.name = name
    self.bytesAtMost = bytesAtMost
    self.take = take
    self.seeds = seeds
  }

  public static let all: [FuzzEntry] =
    [header, lint, memory, schema, json, unpack] + payloads
    + [yaml, holidays, request, twilio, slack, links, eventLine, keys] + sources

  public static func named(_ name: String) -> FuzzEntry? { all.first { $0.name == name } }
}

/// - Parameter words: what was promised, and the bytes that show that it isn't kept.
func promise(_ isKept: Bool, _ words: @autoclosure () -> String) {
  if !isKept { fatalError("not kept: \(words())") }
}
