using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Runs;

/// <summary>One line of JSON a frame, in the form the README documents. Lines are written at once, so that a reader sees them live.</summary>
/// <param name="stream">Where lines go; it belongs to this object, and to others that write to it.</param>
/// <param name="pipeline">Whose results they are.</param>
/// <param name="names">Whether lines say so, since several pipelines write.</param>
/// <param name="beside">Another one that writes to the same stream, or null.</param>
internal sealed class FrameJsonLines(Stream stream, FramePipeline pipeline, bool names = false, FrameJsonLines? beside = null) : IDisposable
{
    private readonly ArrayBufferWriter<byte> buffer = new(4096);
    private readonly Utf8JsonWriter json = new(Stream.Null);
    private readonly Lock guard = beside?.guard ?? new Lock();

    /// <summary>Writes a line between those of frames, from any thread.</summary>
    public void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (guard) stream.Write(bytes);
    }

    public void Write(Frame frame, in FrameResult result, ReadOnlySpan<Detection> detections)
    {
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        json.WriteStartObject();
        if (names) json.WriteString("pipeline"u8, pipeline.Name);
        json.WriteNumber("frame"u8, frame.Index);
        json.WriteNumber("time_ms"u8, Milliseconds(frame.Time));
        json.WriteStartObject("latency_ms"u8);
        json.WriteNumber("capture_to_result"u8, Milliseconds(result.CaptureToResult));
        json.WriteNumber("preprocess"u8, Milliseconds(result.Stages.Preprocess));
        json.WriteNumber("inference"u8, Milliseconds(result.Stages.Inference));
        json.WriteNumber("decode"u8, Milliseconds(result.Stages.Decode));
        json.WriteEndObject();
        json.WriteString("status"u8, result.FailedOver ? "failed_over"u8 : "result"u8);
        if (result.Events.Count > 0) DeviceEvents.Write(json, result.Events);
        json.WriteStartArray("results"u8);
        for (int i = 0; i < detections.Length; i++) Write(detections[i], i);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        buffer.Write("\n"u8);
        lock (guard) stream.Write(buffer.WrittenSpan);
    }

    public void Dispose()
    {
        json.Dispose();
        stream.Dispose();
    }

    private void Write(in Detection detection, int index)
    {
        json.WriteStartObject();
        json.WriteString("label"u8, pipeline.Labels[detection.Label]);
        json.WriteNumber("score"u8, Math.Round(detection.Score, 4));
        if (detection.Track > 0) json.WriteNumber("track"u8, detection.Track);
        if (detection is not { Width: 0, Height: 0 }) WritePlace(detection);
        pipeline.WriteJson(json, index);
        json.WriteEndObject();
    }

    private void WritePlace(in Detection detection)
    {
        json.WriteStartArray("box"u8);
        json.WriteNumberValue(Pixels(detection.X));
        json.WriteNumberValue(Pixels(detection.Y));
        json.WriteNumberValue(Pixels(detection.Width));
        json.WriteNumberValue(Pixels(detection.Height));
        json.WriteEndArray();
        json.WriteStartArray("points"u8);
        for (int i = 0; i < detection.PointCount; i++)
        {
            // A joint that is not seen keeps its place in the list.
            if (!float.IsFinite(detection.Points[i].X))
            {
                json.WriteNullValue();
                continue;
            }
            json.WriteStartArray();
            json.WriteNumberValue(Pixels(detection.Points[i].X));
            json.WriteNumberValue(Pixels(detection.Points[i].Y));
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    private static double Pixels(float value) => Math.Round(value, 2);
}
