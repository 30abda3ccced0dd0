using System.Text.Json;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Faces;
using EdgeRuntime.Tools.Media;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipelines <c>face-mesh</c> and <c>face-landmark</c>: the points of each face are drawn, and are in JSON beside its box.</summary>
internal sealed class FacePointsPipeline : CropPipeline
{
    private readonly FacePoints faces;
    private readonly bool inSpace;

    private FacePointsPipeline(FacePoints faces, bool inSpace) : base(faces, ["face"]) => (this.faces, this.inSpace) = (faces, inSpace);

    /// <summary>Makes it.</summary>
    public static FramePipeline Create(EdgeModel model, PipelineOptions options)
    {
        var faces = new FacePoints(options.Finder!, model, new CropOptions(options.Session) { ScoreThreshold = options.ScoreThreshold, Follows = options.Follows, Smooths = options.Smooths });
        return new FacePointsPipeline(faces, model.Metadata.Task == FacePoints.MeshTask);
    }

    public override bool DrawsBoxes => false;

    public override void DrawUnder(Frame frame)
    {
        ReadOnlySpan<Detection> found = faces.Found;
        for (int i = 0; i < found.Length; i++) FacePainter.Draw(frame, faces.Points(i), Colour.Of(found[i].Track));
    }

    public override void WriteJson(Utf8JsonWriter json, int index)
    {
        json.WriteStartArray(inSpace ? "mesh"u8 : "landmarks"u8);
        foreach (FacePoint point in faces.Points(index))
        {
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(point.X, 2));
            json.WriteNumberValue(Math.Round(point.Y, 2));
            if (inSpace) json.WriteNumberValue(Math.Round(point.Z, 2));
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
