namespace Orchestrator.Engine.Hosting;

/// <summary>Features that front ends of the node add before it begins: one of a type, begun after the node's own.</summary>
internal sealed class AddedFeatures
{
    private readonly Lock _gate = new();
    private readonly List<INodeFeature> _features = [];

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<INodeFeature> All
    {
        get { lock (_gate) return [.. _features]; }
    }

    /// <summary>The feature of a type, made if it is not there yet.</summary>
    public T Get<T>(Func<T> make)
        where T : class, INodeFeature
    {
        lock (_gate)
        {
            if (_features.OfType<T>().FirstOrDefault() is { } there) return there;
            var made = make();
            _features.Add(made);
            return made;
        }
    }
}
