using System.Globalization;

namespace Orchestrator.Core.Reconciliation;

/// <summary>One thing that the journal and another view of it tell differently.</summary>
/// <param name="Check">What was compared with the journal: <c>journal</c> (with itself), <c>replay</c>, <c>list</c>, <c>report</c>, <c>metrics</c>,
/// <c>export</c>, <c>schedules</c>, <c>feed</c>, <c>deliveries</c>.</param>
/// <param name="Subject">The run, or the series of a metric, or the sink.</param>
/// <param name="What">The number or field that differs.</param>
/// <param name="Journal">What follows from the journal.</param>
/// <param name="Found">What the other one says.</param>
public sealed record Difference(string Check, string Subject, string What, string Journal, string Found)
{
    /// <summary>A number as differences show it.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
