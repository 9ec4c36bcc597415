using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Collects every problem of one definition, up to a bound.</summary>
internal sealed class ProblemLog
{
    /// <summary>More than anyone reads; what follows is only counted.</summary>
    public const int Limit = 1000;

    private readonly List<Problem> _problems = [];
    private int _more;

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>How many there are, listed or not.</summary>
    public int Count => _problems.Count + _more;

    /// <summary>Those after the first so many.</summary>
    public ImmutableArray<Problem> Since(int count) => [.. _problems.Skip(count)];

    public void Add(string code, SourceSpan at, string message, string remedy = "")
    {
        if (_problems.Count < Limit) _problems.Add(new(code, message, remedy, at));
        else _more++;
    }

    public void AddRange(ProblemLog others)
    {
        foreach (var problem in others._problems) Add(problem.Code, problem.At, problem.Message, problem.Remedy);
        _more += others._more;
    }

    public bool Has(string code) => _problems.Exists(p => p.Code == code);

    /// <summary>All problems in the order of their places.</summary>
    public ImmutableArray<Problem> ToImmutable()
    {
        var sorted = _problems.OrderBy(p => p.At.Line).ThenBy(p => p.At.Column).ToList();
        if (_more > 0)
            sorted.Add(new(ProblemCodes.TooLarge, $"{_more} more problems are not listed.", "Fix the ones above first.", sorted[^1].At));
        return [.. sorted];
    }
}
