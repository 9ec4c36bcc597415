using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Definitions;

/// <summary>One place a definition comes from, as it was read last.</summary>
/// <param name="Origin">The file's path, or the configuration path of an inline definition.</param>
/// <param name="Content">Changes when, and only when, the content does.</param>
/// <param name="Result">The workflow or its problems.</param>
public sealed record DefinitionSource(string Origin, string Content, ReadResult Result);
