using System.Globalization;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Reports;

namespace EdgeRuntime.Tools.Runs;

/// <summary>What happened to a session's devices, for people and in JSON.</summary>
internal static class DeviceEvents
{
    /// <summary>How many there have been of each session.</summary>
    public static long[] Counts(IReadOnlyList<InferenceSession> sessions) => [.. sessions.Select(s => s.EventCount)];

    /// <summary>The events since there were so many of each session, which are counted anew.</summary>
    public static IReadOnlyList<BackendEvent> Since(IReadOnlyList<InferenceSession> sessions, long[] counts)
    {
        List<BackendEvent>? events = null;
        for (int i = 0; i < counts.Length; i++)
        {
            InferenceSession session = sessions[i];
            long count = session.EventCount;
            if (count == counts[i]) continue;
            (events ??= []).AddRange(session.Events.TakeLast((int)Math.Min(count - counts[i], session.Events.Count)));
            counts[i] = count;
        }
        return events ?? (IReadOnlyList<BackendEvent>)[];
    }

    /// <summary>One line each, and what they cost together; nothing where nothing happened.</summary>
    public static void Print(InferenceSession session, TextWriter to)
    {
        foreach (BackendEvent happened in session.Events) to.WriteLine(happened);
        if (session.Faults == 0) return;
        to.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Quantity.Of(session.Faults, "fault")} of devices, {session.Returns} back; they cost {session.TimeLost.TotalMilliseconds:0.0} ms and no frame"));
    }

    /// <summary>Writes the property <c>events</c>; its form is a contract.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<BackendEvent> events)
    {
        json.WriteStartArray("events"u8);
        foreach (BackendEvent happened in events)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, happened.Kind switch { BackendEventKind.Fault => "fault"u8, BackendEventKind.Return => "return"u8, _ => "joined"u8 });
            json.WriteString("time"u8, happened.Time);
            json.WriteString("backend"u8, happened.Backend);
            json.WriteString("device"u8, happened.Device);
            json.WriteString("section"u8, happened.Section);
            if (happened.Code is { } code) json.WriteString("code"u8, EdgeException.Format(code));
            else json.WriteNull("code"u8);
            json.WriteString("reason"u8, happened.Reason);
            json.WriteString("consequence"u8, happened.Consequence);
            json.WriteNumber("cost_ms"u8, Math.Round(happened.Cost.TotalMilliseconds, 3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
