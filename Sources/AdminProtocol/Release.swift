/// What this tree builds.
public enum Release {
  /// Semantic version of daemon and client; both are released together.
  public static let version = "0.1.0"
}
