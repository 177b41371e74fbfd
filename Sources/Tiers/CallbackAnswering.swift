import Machinery
import Messages

/// How what providers call back with reaches a tier's rules, and how what the rules say of it gets back.
public struct CallbackAnswering<Rules: Machine>: Sendable {
  /// The configured routes, in which stands what callbacks are signed with.
  public var routes: @Sendable (Rules) -> [ChannelRoute]
  public var input: @Sendable (CallbackNews) -> Rules.Input
  public var answer: @Sendable (Rules.Answer) -> [UInt8]
  /// What has come of an answer since, by its id; nil: nothing yet.
  public var outcome: @Sendable (Rules, _ id: String) -> [UInt8]?
}
