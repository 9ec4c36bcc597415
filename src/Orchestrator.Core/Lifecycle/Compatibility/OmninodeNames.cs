namespace Orchestrator.Core.Lifecycle.Compatibility;

/// <summary>Types and topics of a message bus, made from our types of events by rule.</summary>
public static class OmninodeNames
{
    /// <summary>The first word of every type and topic.</summary>
    public const string Namespace = "omninode";

    /// <summary><c>task.completed</c> becomes <c>omninode.orchestration.task_completed.v1</c>.</summary>
    public static string TypeOf(string type, string ns = Namespace) => $"{ns}.orchestration.{type.Replace('.', '_')}.v1";

    /// <summary><c>task.completed</c> becomes <c>omninode.orchestration.task.v1</c>.</summary>
    public static string TopicOf(string type, string ns = Namespace) => $"{ns}.orchestration.{(type.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? type[..dot] : type)}.v1";
}
