import Messages

/// How much strangers may make a server hold, and for how long.
public struct ServingLimits: Sendable {
  /// At once; one more makes the one that has rested longest go.
  public var connections = 2_048
  /// The request line and all header fields of a request.
  public var headBytes = 16 * 1_024
  public var headerFields = 100
  /// From a request's first byte (or the connection's beginning) to the end of its head.
  public var headWithin = Span.seconds(10)
  /// And from there to the end of its body.
  public var bodyWithin = Span.seconds(30)
  /// A second more for each so many bytes of it that have arrived.
  public var bodyBytesPerSecond = 128 * 1_024
  /// Bytes of bodies that have arrived and aren't answered, of all connections.
  public var bodyBytesInAll = 64 * 1_024 * 1_024
  /// For whoever answers; longer than they need to say themselves that they can't.
  public var answersWithin = Span.seconds(20)
  /// For the caller to take the answer.
  public var takesWithin = Span.seconds(10)
  /// Listening to a feed at a stretch; whoever comes again is looked at again.
  public var followsFor = Span.minutes(10)
  /// Who listens is told so often at most.
  public var tellsEvery = Span.milliseconds(250)
  /// Between two requests of a connection.
  public var restsWithin = Span.seconds(75)

  public init() {}
}
