namespace Orchestrator.Engine.Secrets;

/// <summary>Where a secret is in a text: byte positions of its start and its exclusive end.</summary>
internal readonly record struct SecretFind(long From, long To) : IComparable<SecretFind>
{
    public int CompareTo(SecretFind other) => From.CompareTo(other.From);
}
