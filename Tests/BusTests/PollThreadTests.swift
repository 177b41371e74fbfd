import Bus
import Messages
import Testing

/// One thread that waits for many sockets.
@Suite struct PollThreadTests {
  @Test(.timeLimit(.minutes(1))) func aThreadWaitsForAsManySocketsAsItMay() async throws {
    let server = try await EchoServer()
    // The server's one, and of each client the connection and its monitor.
    let clients = try (0..<(PollThread.socketsAtMost - 1) / 2).map { _ in
      try Connection(on: server.thread, endpoint: server.endpoint)
    }
    #expect(1 + 2 * clients.count == PollThread.socketsAtMost)
    // One after the other, so that the thread sleeps between them and each has to wake it.
    for round in UInt8(0)..<20 {
      for client in clients {
        #expect(try await client.raw(EchoServer.echo, [round], timeout: .seconds(5)) == [round])
      }
    }
  }
}
