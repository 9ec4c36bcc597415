using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Engine.Executors.Http;

/// <summary>The statuses a task takes for a success: <c>200</c>, <c>200-204</c>, <c>2xx</c>; none given is 2xx.</summary>
internal sealed class ExpectedStatuses
{
    private static readonly ExpectedStatuses Success = new([(200, 299)], isGiven: false);
    private readonly (int From, int To)[] _ranges;
    private readonly bool _isGiven;

    private ExpectedStatuses((int From, int To)[] ranges, bool isGiven) => (_ranges, _isGiven) = (ranges, isGiven);

    /// <exception cref="HttpRefusedException">One of them is malformed; definitions that passed the rules never throw.</exception>
    public static ExpectedStatuses Of(ImmutableArray<string> texts) =>
        texts.IsDefaultOrEmpty ? Success : new([.. texts.Select(Parse)], isGiven: true);

    public bool Include(int status)
    {
        foreach (var (from, to) in _ranges)
            if (status >= from && status <= to) return true;
        return false;
    }

    /// <summary>Whether the task itself wants this redirection, so that it is not followed.</summary>
    public bool AskFor(int status) => _isGiven && Include(status);

    private static (int From, int To) Parse(string text)
    {
        if (text.Length == 3 && text[0] is >= '1' and <= '5' && text.EndsWith("xx", StringComparison.OrdinalIgnoreCase))
            return ((text[0] - '0') * 100, ((text[0] - '0') * 100) + 99);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            && from >= 100 && to <= 599 && from <= to ? (from, to)
            : throw new HttpRefusedException($"'{text}' is not a valid expected status: write 200, 200-204 or 2xx.");
    }
}
