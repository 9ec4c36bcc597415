using Orchestrator.Core.Definitions;

namespace Orchestrator.Engine.Definitions;

/// <summary>The workflows in force. Readers take a snapshot that never changes; a reload replaces it whole.</summary>
public sealed class WorkflowCatalog
{
    private volatile CatalogSnapshot _current = CatalogSnapshot.Empty;

    /// <summary>Told after <see cref="Current"/> has been replaced by something different, one call at a time.</summary>
    public event Action<CatalogSnapshot>? Changed;

    /// <summary>What is in force now.</summary>
    public CatalogSnapshot Current => _current;

    /// <summary>The definition in force under a name; null when there is none.</summary>
    public WorkflowDefinition? Find(string name) => _current.Workflows.GetValueOrDefault(name)?.Definition;

    /// <summary>Puts a snapshot in force. Called by one reload at a time.</summary>
    internal bool Replace(CatalogSnapshot next)
    {
        if (next.SameAs(_current)) return false;
        _current = next;
        Changed?.Invoke(next);
        return true;
    }
}
