using Orchestrator.Engine.Journal;

namespace Orchestrator.Engine.Hosting.Options;

/// <summary>How safe facts are: section <c>Orchestrator:Journal</c>.</summary>
internal sealed record JournalOptions
{
    /// <summary>
    /// <c>Durability</c>: <c>committed</c> (default) waits for the disk, so that what was acknowledged survives a power cut;
    /// <c>relaxed</c> waits for the operating system only: it survives the process, not a power cut.
    /// </summary>
    public JournalDurability Durability { get; init; }
}
