/// As people here and the mail's and HTTP's dates write them.
public enum MonthNames {
  public static let full = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  public static let short = full.map { String($0.prefix(3)) }
}
