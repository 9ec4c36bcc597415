using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs;

namespace Orchestrator.Testing;

/// <summary>The replacement of a task: it succeeds at once without results, unless it is set up otherwise. Safe from any thread.</summary>
public sealed class FakeTask
{
    private static readonly JsonSerializerOptions s_names = new(JsonSerializerOptions.Default) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DictionaryKeyPolicy = null };
    private readonly Lock _gate = new();
    private readonly List<FakeCall> _calls = [];
    private Func<FakeCall, TaskOutcome> _does = static _ => new TaskOutcome.Succeeded();
    private TimeSpan _takes;

    internal FakeTask() { }

    /// <summary>Every attempt so far, in order.</summary>
    public IReadOnlyList<FakeCall> Calls
    {
        get { lock (_gate) return [.. _calls]; }
    }

    /// <summary>Each attempt succeeds with these results.</summary>
    /// <param name="outputs">An object whose members (snake_case), or a dictionary whose entries, are results.</param>
    public FakeTask Returns(object outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var json = JsonSerializer.SerializeToElement(outputs, s_names);
        if (json.ValueKind != JsonValueKind.Object) throw new ArgumentException("Results are given as an object or a dictionary.", nameof(outputs));
        var values = json.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        return Does(_ => new TaskOutcome.Succeeded { Outputs = values });
    }

    /// <summary>Attempts fail.</summary>
    /// <param name="message">What is said of it.</param>
    /// <param name="kind">What kind of failure.</param>
    /// <param name="times">So many attempts; later ones do what was asked for before.</param>
    public FakeTask Fails(string message, FailureKind kind = FailureKind.Error, int times = int.MaxValue)
    {
        Func<FakeCall, TaskOutcome> before;
        lock (_gate) before = _does;
        return Does(call => call.Attempt <= times ? new TaskOutcome.Failed(kind, message) : before(call));
    }

    /// <summary>Each attempt ends as a function says; what it throws fails the attempt as a panic.</summary>
    public FakeTask Does(Func<FakeCall, TaskOutcome> what)
    {
        ArgumentNullException.ThrowIfNull(what);
        lock (_gate) _does = what;
        return this;
    }

    /// <summary>Each attempt takes so long on the test's clock, in which its timeout may pass.</summary>
    public FakeTask Takes(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        lock (_gate) _takes = time;
        return this;
    }

    internal TimeSpan Begin(FakeCall call)
    {
        lock (_gate)
        {
            _calls.Add(call);
            return _takes;
        }
    }

    internal TaskOutcome End(FakeCall call)
    {
        Func<FakeCall, TaskOutcome> does;
        lock (_gate) does = _does;
        return does(call);
    }
}
