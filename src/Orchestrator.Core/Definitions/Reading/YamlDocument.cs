namespace Orchestrator.Core.Definitions.Reading;

/// <summary>One document of a YAML text.</summary>
/// <param name="Root">Its root; null where a problem makes it meaningless.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Problems">What is wrong with its notation.</param>
internal sealed record YamlDocument(SourceNode? Root, SourceSpan Start, ProblemLog Problems)
{
    /// <summary>Whether it could not be read to its end, so that nothing is known of documents after it.</summary>
    public bool IsCutShort => Problems.Has(ProblemCodes.Syntax);
}
