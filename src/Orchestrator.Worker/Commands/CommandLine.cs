using System.CommandLine;
using System.CommandLine.Help;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Events;
using Orchestrator.Worker.Commands.Imports;
using Orchestrator.Worker.Commands.Index;
using Orchestrator.Worker.Commands.Journal;
using Orchestrator.Worker.Commands.Logs;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Commands.Schedules;
using Orchestrator.Worker.Commands.Serving;
using Orchestrator.Worker.Commands.Spans;
using Orchestrator.Worker.Commands.Statistics;
using Orchestrator.Worker.Commands.Triggers;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary>The program's verbs and the one place where a failure becomes a message and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, CommandContext around)
    {
        var common = new CommonOptions();
        var root = Create(common, around);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not ExamplesHelp) return Complain(parsed, around);
        try
        {
            return await LoggedVerb.InvokeAsync(parsed, common, around, () => InvokeAsync(parsed, around));
        }
        catch (OptionsException e)   // the verb's log cannot be made
        {
            return FailureText.Print(e, around);
        }
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, CommandContext around)
    {
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = around.Out, Error = around.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            }, around.Stop);
        }
        catch (Exception e)
        {
            return FailureText.Print(e, around);
        }
    }

    public static RootCommand Create(CommandContext around) => Create(new(), around);

    private static RootCommand Create(CommonOptions common, CommandContext around)
    {
        var root = new RootCommand("Runs workflows: durable, crash-safe, with reliable telemetry.");
        common.AddTo(root);
        root.Subcommands.Add(ServeCommand.Create(common, around));
        root.Subcommands.Add(HealthCommand.Create(common, around));
        root.Subcommands.Add(RunCommand.Create(common, around));
        root.Subcommands.Add(ValidateCommand.Create(common, around));
        root.Subcommands.Add(PlanCommand.Create(common, around));
        root.Subcommands.Add(ScheduleCommand.Create(common, around));
        root.Subcommands.Add(TriggersCommand.Create(common, around));
        root.Subcommands.Add(RunsCommand.Create(common, around));
        root.Subcommands.Add(ShowCommand.Create(common, around));
        root.Subcommands.Add(WhyCommand.Create(common, around));
        root.Subcommands.Add(DiffCommand.Create(common, around));
        root.Subcommands.Add(EventsCommand.Create(common, around));
        root.Subcommands.Add(LogsCommand.Create(common, around));
        root.Subcommands.Add(ArtifactsCommand.Create(common, around));
        root.Subcommands.Add(RetryCommand.Create(common, around));
        root.Subcommands.Add(ReplayCommand.Create(common, around));
        root.Subcommands.Add(ReconcileCommand.Create(common, around));
        root.Subcommands.Add(CancelCommand.Create(common, around));
        root.Subcommands.Add(ApproveCommand.Create(common, around));
        root.Subcommands.Add(SignalCommand.Create(common, around));
        root.Subcommands.Add(DeadLettersCommand.Create(common, around));
        root.Subcommands.Add(StatsCommand.Create(common, around));
        root.Subcommands.Add(JournalCommand.Create(common, around));
        root.Subcommands.Add(ImportCommand.Create(common, around));
        root.Subcommands.Add(SqlCommand.Create(common, around));
        root.Subcommands.Add(SpanCommand.Create(common, around));
        root.Subcommands.Add(TelemetryCommand.Create(common, around));
        root.Subcommands.Add(SchemaCommand.Create(around));
        root.Subcommands.Add(VersionCommand.Create(common, around));
        foreach (var option in root.Options)
            if (option is HelpOption { Action: HelpAction usual } help) help.Action = new ExamplesHelp(usual);
        return root;
    }

    private static int Complain(ParseResult parsed, CommandContext around)
    {
        foreach (var error in parsed.Errors) around.Error.WriteLine($"error: {error.Message}");
        var words = new List<string>();
        for (var at = parsed.CommandResult; at is { Command: not RootCommand }; at = at.Parent as System.CommandLine.Parsing.CommandResult) words.Insert(0, at.Command.Name);
        around.Error.WriteLine($"Try 'orchestrator {string.Join(' ', [.. words, "--help"])}'.");
        return ExitCode.Usage;
    }
}
