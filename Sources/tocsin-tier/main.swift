import Foundation
import Hosting

// All four tiers in one program, for the container image, where four would weigh 50 MB more: the name by which it is called says
// which one runs.
let name = CommandLine.arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
let arguments = HostOptions.arguments()
switch name {
case "alert-intake": IntakeProgram.main(arguments)
case "scheduler": SchedulerProgram.main(arguments)
case "escalator": EscalatorProgram.main(arguments)
case "notifier": NotifierProgram.main(arguments)
default:
  let words = "call this program by the name of a tier (a link): alert-intake, scheduler, escalator or notifier\n"
  FileHandle.standardError.write(Data(words.utf8))
  exit(64)
}
