using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tests.Docs;

/// <summary>The README's example, so that it is compiled; <see cref="ReadmeTests"/> checks that the two are the same.</summary>
internal static class ReadmeExample
{
    public static void Run()
    {
        using EdgeModel model = EdgeReader.Read("models/blazeface-front.edge");
        using var detector = new FaceDetector(model);
        using FrameSource source = FrameSource.Open("camera:0"); // or a picture, a folder, a video, rtsp://...

        var frame = new Frame();
        while (source.Read(frame))
            foreach (Detection face in detector.Process(frame))
                Console.WriteLine($"{frame.Time}: {face.Score:P0} at {face.X:0},{face.Y:0}, {face.Width:0} x {face.Height:0}");
    }
}
