using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Pictures of several files, one after the other: only one of them is in memory.</summary>
/// <param name="files">The files.</param>
internal sealed class PictureFiles(IReadOnlyList<string> files) : FrameSource
{
    private int next;
    private string? name;

    public override string Name => "pictures";

    public override long? FrameCount => files.Count;

    public override string? FrameName => name;

    public override string Describe() => $"{files.Count} pictures";

    public override bool Read(Frame frame)
    {
        while (next < files.Count)
        {
            string file = files[next++];
            using FrameSource picture = FrameSource.Open(file);
            if (!picture.Read(frame)) continue;
            name = Path.GetFileName(file);
            frame.Index = next - 1;
            return true;
        }
        return false;
    }

    public override void Dispose()
    {
    }
}
