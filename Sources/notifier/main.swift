import Hosting

NotifierProgram.main(HostOptions.arguments())
