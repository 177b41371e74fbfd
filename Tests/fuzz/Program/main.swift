import Dispatch
import Foundation
import FuzzEntries

// One entry under libFuzzer: tocsin-fuzz ENTRY [libFuzzer's own arguments]. Also: --list, and --seeds ENTRY FOLDER, which writes what
// to begin with. An entry may be the full name of one message.

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ take: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

func fail(_ words: String) -> Never {
  FileHandle.standardError.write(Data("\(words)\n".utf8))
  exit(2)
}

func entry(_ name: String) -> FuzzEntry {
  guard let found = FuzzEntry.named(name) ?? FuzzEntry.payload(of: name) else {
    fail("there is no entry \(name); --list names them")
  }
  return found
}

func write(_ bytes: [UInt8], _ path: String) {
  guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { fail("\(path) can't be written") }
}

nonisolated(unsafe) var chosen = FuzzEntry.all[0]
let words = CommandLine.arguments
/// libFuzzer merges by processes of its own, which it starts with its own arguments only.
let inheritance = "TOCSIN_FUZZ_ENTRY"
let inherited = ProcessInfo.processInfo.environment[inheritance]
var named = 0
switch words.dropFirst().first {
case "--list":
  for entry in FuzzEntry.all { print(entry.name, entry.bytesAtMost) }
  exit(0)
case "--seeds" where words.count == 4:
  for (number, seed) in entry(words[2]).seeds().enumerated() { write(seed, "\(words[3])/seed-\(number)") }
  exit(0)
case let option? where option.hasPrefix("-") && inherited != nil: chosen = entry(inherited ?? "")
case let name?:
  chosen = entry(name)
  setenv(inheritance, name, 1)
  named = 1
case nil: fail("tocsin-fuzz ENTRY [libFuzzer's arguments] | --list | --seeds ENTRY FOLDER")
}
var count = CommandLine.argc - Int32(named)
var arguments = CommandLine.unsafeArgv + named
arguments[0] = CommandLine.unsafeArgv[0]
let code = runDriver(&count, &arguments) { start, length in
  let bytes = [UInt8](UnsafeBufferPointer(start: start, count: length))
  switch chosen.take {
  case .atOnce(let take): take(bytes)
  case .answering(let take):
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      await take(bytes)
      done.signal()
    }
    done.wait()
  }
  return 0
}
exit(code)
