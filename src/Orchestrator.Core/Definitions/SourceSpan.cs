namespace Orchestrator.Core.Definitions;

/// <summary>A place in a definition: a file and a 1-based line and column, or a configuration path with line 0.</summary>
public readonly record struct SourceSpan(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>, or just the path where there is no line.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}:{Column}" : File ?? "";
}
