namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `approval`: a question alone, or a map.</summary>
internal static class ApprovalReader
{
    private const int MaxApprovals = 100;

    public static TaskAction? Read(Fields owner, Draft draft, int index)
    {
        if (owner["approval"] is SourceScalar) return draft.Given(owner, "approval", ExpressionPlace.Decided, index) is { } question ? new ApprovalAction(question) : null;
        if (owner.Map("approval", Vocabulary.Approval, "a question or a map with `prompt`") is not { } fields) return null;
        var plain = new ApprovalAction("");
        var action = plain with
        {
            Prompt = (fields.Required("prompt") is null ? null : draft.Given(fields, "prompt", ExpressionPlace.Decided, index)) ?? "",
            Fields = ParameterReader.Read(fields, "fields", draft),
            Approvers = [.. fields.Texts("approvers").Select(t => t.Text).Distinct(StringComparer.Ordinal)],
            Required = fields.Whole("required", 1, MaxApprovals) ?? plain.Required,
            Role = (fields.Has("role") ? fields.Required("role") : null) ?? plain.Role,
            Expires = fields.Duration("expires", TimeSpan.FromSeconds(1), WorkflowReader.LongestRun) ?? plain.Expires,
        };
        if (fields.Has("approvers") && action.Approvers.IsEmpty)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("approvers"), "`approvers` is empty.", "Add names, or remove it: then anybody may answer.");
        else if (!action.Approvers.IsEmpty && action.Required > action.Approvers.Length)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("required"),
                $"`required` is {action.Required}, but `approvers` names {action.Approvers.Length}.", "Each approver counts once: name more or require fewer.");
        return action.Prompt.Length == 0 ? null : action;
    }
}
