namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>Where a secret stands in a text: positions of bytes, the second one behind it.</summary>
internal readonly record struct SecretFind(long From, long To) : IComparable<SecretFind>
{
    public int CompareTo(SecretFind other) => From.CompareTo(other.From);
}
