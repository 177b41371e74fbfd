import Relaying

GatewayProgram.main(GatewayOptions.arguments())
