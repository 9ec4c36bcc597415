namespace Orchestrator.Core.Serialization;

/// <summary>A line of a journal cannot be read by this version. The message says what was found and what to do.</summary>
public sealed class JournalFormatException(string message, Exception? inner = null) : Exception(message, inner);
