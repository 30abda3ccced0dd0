using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Verification;

/// <summary>A picture as a model's input, made as its pipeline makes it.</summary>
internal static class PictureInput
{
    /// <summary>Replaces the tensor of the picture's input; the others stay.</summary>
    /// <exception cref="EdgeException">The model takes no picture, or there is none.</exception>
    public static void Fill(EdgeModel model, Tensor[] inputs, string picture)
    {
        ImageInput image = model.Metadata.Image ?? throw new EdgeException(ErrorCode.WrongTask,
            $"'{model.Metadata.Name}' does not say how a picture becomes its input.", "Leave --image away: the input is random then.");
        int index = model.Graph.Inputs.ToList().FindIndex((Value v) => v.Name == image.Input);
        if (index < 0) throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' has no input '{image.Input}', which its pictures are for.");
        using FrameSource source = FrameSource.Open(picture);
        var frame = new Frame();
        if (!source.Read(frame)) throw new EdgeException(ErrorCode.CannotDecode, $"'{picture}' holds no picture.");
        new ImagePreprocessor(image, inputs[index].Type).Write(frame, inputs[index].Span<float>());
    }
}
