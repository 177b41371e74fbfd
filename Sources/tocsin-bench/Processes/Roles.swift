import ArgumentParser
import Bus
import CFloors
import Foundation

/// The answering side of `calls`: echoes, on the loop's own thread.
struct ServeEcho: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve-echo", shouldDisplay: false)
  static let method = "/tocsin.bench.v1.Echo/Say"

  func run() throws {
    ChildProcess.endWithParent()
    let thread = PollThread(name: "echo")
    thread.post {
      do {
        let server = try CallServer(
          on: thread, endpoints: ["tcp://127.0.0.1:*"], methods: [Self.method: false])
        server.onCall = { [unowned server] call in server.answer(call.handle, .success(call.payload)) }
        FileHandle.standardOutput.write(Data("\(server.endpoint)\n".utf8))
        _ = Unmanaged.passRetained(server)
      } catch {
        _exit(1)
      }
    }
    while true { pause() }
  }
}

/// The same in C with libzmq and protobuf-c.
struct ServeFloorCalls: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve-floor-calls", shouldDisplay: false)
  @Argument var endpoint: String

  func run() throws {
    ChildProcess.endWithParent()
    throw BenchFailure("the floor's server ended: \(floor_serve_calls(endpoint))")
  }
}

/// Group commit in C with SQLite.
struct ServeFloorCommits: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve-floor-commits", shouldDisplay: false)
  @Argument var database: String
  @Argument var requestBytes: Int32
  @Argument var bodyBytes: Int32

  func run() throws {
    ChildProcess.endWithParent()
    throw BenchFailure("the floor's server ended: \(floor_serve_commits(database, requestBytes, bodyBytes, 1))")
  }
}
