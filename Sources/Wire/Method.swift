/// A method of a service, with its types.
public struct Method<Request: WireMessage, Response: WireMessage>: Sendable {
  /// "/tocsin.intake.v1.Intake/Publish"
  public let path: String
  /// Whether the answer is a stream.
  public let streams: Bool

  init(_ path: String, streams: Bool) {
    self.path = path
    self.streams = streams
  }

  public var description: MethodDescription {
    MethodDescription(path: path, input: Request.fullName, output: Response.fullName, streams: streams)
  }
}

/// A method, for those who know it by name only.
public struct MethodDescription: Hashable, Sendable {
  public var path: String
  public var input: String
  public var output: String
  public var streams: Bool

  public init(path: String, input: String, output: String, streams: Bool) {
    self.path = path
    self.input = input
    self.output = output
    self.streams = streams
  }
}
