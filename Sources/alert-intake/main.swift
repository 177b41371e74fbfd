import Hosting

IntakeProgram.main(HostOptions.arguments())
