import Foundation
import Simulation

// Runs seeds of the simulation without the test bundle, which builds slowly: `tocsin-seeds 1-300 [--first] [--trace 2f-1k]`.
// With --first it ends at the first seed that breaks a promise, and looks at nothing else; with --trace it tells every fact about one
// incident. `tocsin-seeds --scenario FILE` plays a scenario instead, and tells what comes of it. The last line says what was found; the exit code is 1 then.

func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

var seeds: ClosedRange<UInt64> = 1...500
var endsAtFirst = false
var repository = "."
var traced: String?
var scenario: String?
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
  switch argument {
  case "--first": endsAtFirst = true
  case "--trace": traced = arguments.next()
  case "--repository": repository = arguments.next() ?? repository
  case "--scenario": scenario = arguments.next()
  default:
    let ends = argument.split(separator: "-").compactMap { UInt64($0) }
    guard let first = ends.first, let last = ends.last, first <= last else {
      say("usage: tocsin-seeds [FIRST-LAST] [--first] [--trace INCIDENT] [--repository FOLDER] | --scenario FILE")
      exit(64)
    }
    seeds = first...last
  }
}

let cluster = try ShippedCluster(repository: URL(fileURLWithPath: repository))
if let scenario {
  let (transcript, violations) = try cluster.play(String(contentsOfFile: scenario, encoding: .utf8))
  say(transcript)
  violations.forEach(say)
  exit(violations.isEmpty ? 0 : 1)
}
let campaign = cluster.campaign
if let traced { campaign.run(seed: seeds.lowerBound, tracing: traced).trace.forEach(say) }
var broken: [(seed: UInt64, promise: String)] = []
var tally = SeedTally()
await campaign.run(seeds: seeds) { seed, report in
  tally.add(report)
  if seeds.count == 1 { say("seed \(seed): \(report.text)") }
  // A seed that had less trouble than it chose breaks no promise.
  for violation in report.violations + (endsAtFirst ? [] : report.shortfalls) {
    broken.append((seed, violation))
    if !endsAtFirst { say("seed \(seed): \(violation)") }
  }
  return broken.isEmpty || !endsAtFirst
}
say(tally.summary)
if let first = broken.min(by: { $0.seed < $1.seed }) {
  say("broken: seed \(first.seed): \(first.promise)")
  exit(1)
}
say("kept: seeds \(seeds.lowerBound)-\(seeds.upperBound)")
