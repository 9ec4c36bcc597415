using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Journal;

/// <summary>
/// Every definition version a run was started with, by the SHA-256 of its content (64 hex digits), so that a run can always be replayed with its own.
/// </summary>
public interface IDefinitionStore
{
    /// <summary>Where they are, for people.</summary>
    string Place { get; }

    /// <summary>Stores a definition unless it is there already, durably, and gives its version.</summary>
    /// <exception cref="IOException">It cannot be stored; the message names the place.</exception>
    string Save(WorkflowDefinition definition);

    /// <summary>The definition of a version; null when it is missing or damaged. Its base folder is the run's to know.</summary>
    WorkflowDefinition? Find(string version);
}
