/// The version that `--version`, health and journals name.
public let tocsinVersion = "0.1.0"
