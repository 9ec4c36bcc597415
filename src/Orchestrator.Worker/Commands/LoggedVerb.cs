using System.CommandLine;
using System.Globalization;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Logging;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands;

/// <summary>
/// The one place where verbs that change something are logged: at their beginning and at their end, with what they are about, how they ended and how
/// long they took. Only where a log is configured: without one nothing of it is even loaded.
/// </summary>
internal static class LoggedVerb
{
    private static readonly EventId Started = new(6100, "VerbStarted"), Ended = new(6101, "VerbEnded");

    /// <param name="act">Carries the verb out and gives the exit code; a failure has become one.</param>
    public static Task<int> InvokeAsync(ParseResult parsed, CommonOptions common, CommandContext around, Func<Task<int>> act) =>
        parsed.CommandResult.Command is Verb { Changes: true } verb && common.TryLoad(parsed, around) is { } settings && LogSinks.OfVerbs(settings.Configuration, around.ErrorIsTerminal) is { } sinks
            ? LogAsync(verb, parsed, settings, sinks, around, act) : act();

    private static async Task<int> LogAsync(Verb verb, ParseResult parsed, Settings settings, IConfiguration sinks, CommandContext around, Func<Task<int>> act)
    {
        await using var serilog = SerilogLogging.Create(sinks);
        around.Trail.Log = builder => SerilogLogging.AddTo(builder, serilog);
        using var logs = LoggerFactory.Create(around.Trail.Log);
        var log = logs.CreateLogger("Orchestrator.Verbs");
        var (name, given, trail) = (NameOf(parsed), Given(verb, parsed), around.Trail);
        KeyValuePair<string, object?>[] always =
            [new("Verb", name), new("Given", given), new("DataDirectory", settings.DataDirectory), new("ProcessId", Environment.ProcessId), new("User", around.UserName)];
        Write(log, Started, $"{name} started: {given}".TrimEnd(' ', ':'), always);
        var began = around.Clock.GetTimestamp();
        var code = ExitCode.Failed;
        try
        {
            return code = await act();
        }
        finally
        {
            var (took, outcome) = (Math.Round(around.Clock.GetElapsedTime(began).TotalMilliseconds, 1), ExitCode.WordOf(code));
            var about = string.Join(", ", trail.Notes.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Key} {n.Value}")));
            Write(log, Ended, string.Create(CultureInfo.InvariantCulture, $"{name} ended after {took} ms: {outcome}; {about}").TrimEnd(' ', ';'),
                [.. always, .. trail.Notes, new("Outcome", outcome), new("ExitCode", code), new("ElapsedMs", took)]);
        }
    }

    private static void Write(ILogger log, EventId id, string sentence, KeyValuePair<string, object?>[] members)
    {
        if (log.IsEnabled(LogLevel.Information)) log.Log(LogLevel.Information, id, new VerbRecord(sentence, members), null, static (record, _) => record.ToString());
    }

    private static string NameOf(ParseResult parsed)
    {
        var words = new List<string>();
        for (var at = parsed.CommandResult; at is { Command: not RootCommand }; at = at.Parent as System.CommandLine.Parsing.CommandResult) words.Insert(0, at.Command.Name);
        return string.Join(' ', words);
    }

    private static string Given(Verb verb, ParseResult parsed) => string.Join(' ',
        from symbol in verb.About
        let result = symbol is Argument argument ? parsed.GetResult(argument) : (System.CommandLine.Parsing.SymbolResult?)parsed.GetResult((Option)symbol)
        where result is { Tokens.Count: > 0 } or System.CommandLine.Parsing.OptionResult { Implicit: false }
        select string.Join('=', result.Tokens.Select(t => t.Value).Prepend(symbol.Name)));
}
