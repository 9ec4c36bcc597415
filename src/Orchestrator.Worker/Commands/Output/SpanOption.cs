using System.CommandLine;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Worker.Commands.Output;

/// <summary>Options that take a length of time, spelled as in definitions: 250ms, 30s, 5m, 24h, 7d.</summary>
internal static class SpanOption
{
    /// <param name="name">The option.</param>
    /// <param name="description">Of help.</param>
    /// <param name="usual">Where it is not given.</param>
    /// <param name="most">The longest it takes.</param>
    public static Option<TimeSpan> Create(string name, string description, TimeSpan usual, TimeSpan most)
    {
        var option = new Option<TimeSpan>(name) { Description = $"{description} {DurationText.Format(usual)} unless given.", HelpName = "TIME" };
        option.DefaultValueFactory = _ => usual;
        option.CustomParser = given =>
        {
            if (DurationText.TryParse(given.Tokens[0].Value, out var span) && span > TimeSpan.Zero && span <= most) return span;
            given.AddError($"{name} must be a time such as 30s, 24h or 7d, up to {DurationText.Format(most)}; was '{given.Tokens[0].Value}'.");
            return usual;
        };
        return option;
    }
}
