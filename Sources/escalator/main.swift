import Hosting

EscalatorProgram.main(HostOptions.arguments())
