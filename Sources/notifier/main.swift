import Hosting

NotifierProgram.main()
