using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Serialization;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>Makes a success of accepted results: checks limit and secrets, and stores large ones before anyone hears of them.</summary>
internal static class TaskResults
{
    private static readonly TaskOutcome.Succeeded Empty = new() { OutputBytes = 0 };

    /// <summary>What becomes of a success when its results have been looked at.</summary>
    public static TaskOutcome Judge(TaskAttempt attempt, TaskOutcome.Succeeded done, ProcessTaskOptions options)
    {
        try
        {
            var accepted = Accept(attempt, done.Outputs, options);
            return done with { Outputs = accepted.Outputs, OutputsFile = accepted.OutputsFile, OutputBytes = accepted.OutputBytes };
        }
        catch (OutputProblemException e)
        {
            return new TaskOutcome.Failed(e.Kind, e.Message) { Process = done.Process, LogRef = done.LogRef }.By(e);
        }
    }

    /// <summary>What becomes of the results of an attempt that did not succeed: what cannot be kept is left out, and a failure says so.</summary>
    public static TaskOutcome Keep(TaskAttempt attempt, TaskOutcome ended, ProcessTaskOptions options)
    {
        if (ended is TaskOutcome.Failed { HttpStatus: { } status } && ended.Outputs.IsEmpty)
            ended = ended with { Outputs = ended.Outputs.Add("status", JsonSerializer.SerializeToElement(status, OutputJson.Default.Int32)) };
        if (ended.Outputs.IsEmpty) return ended;
        try
        {
            var accepted = Accept(attempt, ended.Outputs, options);
            return ended with { Outputs = accepted.Outputs, OutputsFile = accepted.OutputsFile, OutputBytes = accepted.OutputBytes };
        }
        catch (OutputProblemException e)
        {
            var without = ended with { Outputs = ImmutableSortedDictionary<string, JsonElement>.Empty };
            return without is TaskOutcome.Failed failed ? failed with { Message = $"{failed.Message} Its results are not kept: {e.Message}" } : without;
        }
    }

    public static TaskOutcome.Succeeded Accept(
        TaskAttempt attempt, ImmutableSortedDictionary<string, JsonElement> outputs, ProcessTaskOptions options)
    {
        if (outputs.IsEmpty) return Empty;
        if (SecretPatterns.Of(attempt.Secrets, SecretForms.ShortestDistinctive) is { } secrets) Refuse(outputs, secrets);
        var json = Check(attempt, outputs, options);
        var succeeded = new TaskOutcome.Succeeded { Outputs = outputs, OutputBytes = json.Length };
        if (json.Length <= options.InlineOutputLimit) return succeeded;
        var reference = RunFolder.OutputsRef(attempt.Task.Id);
        // Whole, under folders that survive, before anybody hears of it.
        DurableFolder.Create(options.Disk, Path.Combine(attempt.RunDirectory, "outputs"), RunFolder.RootOf(attempt.RunDirectory));
        WholeFile.Write(options.Disk, Path.Combine(attempt.RunDirectory, reference), json);
        return succeeded with { OutputsFile = reference };
    }

    /// <summary>The results as JSON.</summary>
    /// <exception cref="OutputProblemException">They are too large, or hold what no later text could.</exception>
    public static byte[] Check(TaskAttempt attempt, ImmutableSortedDictionary<string, JsonElement> outputs, ProcessTaskOptions options)
    {
        foreach (var (key, value) in outputs)
            if (JsonBounds.Fault(value) is { } fault)
                throw new OutputProblemException(fault.IsTooDeep ? FailureKind.OutputLimit : FailureKind.Error, fault.Of($"output '{key}'"));
        var json = JsonSerializer.SerializeToUtf8Bytes(outputs, OutputJson.Default.ImmutableSortedDictionaryStringJsonElement);
        var limit = ResultLimit.Of(attempt.Task, options);
        return json.Length <= limit ? json
            : throw new OutputProblemException(FailureKind.OutputLimit,
                $"The results are {json.Length} bytes as JSON, more than the limit of {limit}: write large results to a file and pass its name.");
    }

    private static void Refuse(ImmutableSortedDictionary<string, JsonElement> outputs, SecretPatterns secrets)
    {
        foreach (var (key, value) in outputs)
        {
            if (Holds(key, secrets))
                throw new OutputProblemException(FailureKind.SecretInOutput, "The name of an output holds a secret.");
            if (Holds(value, secrets))
                throw new OutputProblemException(FailureKind.SecretInOutput,
                    $"The output '{key}' holds a secret: do not pass secrets on as results, let the next task refer to the secret itself, or name the output under `secret_outputs`.");
        }
    }

    private static bool Holds(JsonElement value, SecretPatterns secrets) => value.ValueKind switch
    {
        JsonValueKind.String => Holds(value.GetString()!, secrets),
        JsonValueKind.Number => Holds(value.GetRawText(), secrets),
        JsonValueKind.Array => value.EnumerateArray().Any(v => Holds(v, secrets)),
        JsonValueKind.Object => value.EnumerateObject().Any(p => Holds(p.Name, secrets) || Holds(p.Value, secrets)),
        _ => false,
    };

    private static bool Holds(string text, SecretPatterns secrets) => secrets.FoundIn(Encoding.UTF8.GetBytes(text));
}
