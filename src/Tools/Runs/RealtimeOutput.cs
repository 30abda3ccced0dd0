using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Media;
using EdgeRuntime.Tools.Recording;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Where the results of a run in realtime go. Of several pipelines each gives its own; frames are saved as the first one is done with them, with what the others found last.</summary>
/// <param name="source">Where frames come from.</param>
/// <param name="pipelines">The pipelines.</param>
/// <param name="sink">Takes annotated frames, or null.</param>
/// <param name="lines">Of each pipeline the lines of JSON; none where nobody reads them.</param>
/// <param name="recorder">Keeps all, or null.</param>
internal sealed class RealtimeOutput(FrameSource source, FramePipeline[] pipelines, FrameSink? sink, FrameJsonLines[] lines, SessionRecorder? recorder)
{
    private readonly Frame canvas = new();
    private readonly string[] labels = [.. pipelines.SelectMany(p => p.Labels)];

    /// <summary>Takes a result. On the thread that works.</summary>
    public void Take(PictureLane lane, Frame frame, in FrameResult result)
    {
        FramePipeline pipeline = lane.Pipeline;
        recorder?.Result(lane.Index, frame, result, pipeline.Found);
        if (lines.Length > 0) lines[lane.Index].Write(frame, result, pipeline.Found);
        if (sink is null || lane.Index > 0) return;
        if (pipelines.Length == 1)
        {
            FramePainter.Draw(frame, pipelines, labels);
            sink.Write(frame, source.FrameName);
            return;
        }
        // The others still look at the frame.
        canvas.Resize(frame.Width, frame.Height, frame.Format);
        frame.Pixels.CopyTo(canvas.Pixels);
        (canvas.Index, canvas.Time) = (frame.Index, frame.Time);
        FramePainter.Draw(canvas, pipelines, labels);
        sink.Write(canvas, source.FrameName);
    }

    /// <summary>Ends what is saved; null where nothing is.</summary>
    /// <param name="any">Whether there were any results.</param>
    /// <param name="interrupted">Whether somebody asked to stop.</param>
    /// <param name="failure">Why the run failed, or null.</param>
    public string? Complete(bool any, bool interrupted, Exception? failure) => any ? sink?.End(interrupted, failure) : null;
}
