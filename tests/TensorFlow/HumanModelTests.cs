using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.TensorFlow;

/// <summary>The models of @vladmandic/human find what is in pictures. Skipped where models or pictures are not on this machine.</summary>
public class HumanModelTests
{
    private static readonly SessionOptions OneThread = new() { Threads = 1 };

    [Theory]
    [InlineData("pets.jpg", "dog", 2)]
    [InlineData("cat_720p.jpg", "cat", 1)]
    [InlineData("chelsea.png", "cat", 1)]
    [InlineData("people.jpg", "person", 6)]
    [InlineData("street.jpg", "car", 4)]
    public void CenterNet_finds_animals_people_and_cars(string picture, string label, int atLeast)
    {
        using EdgeModel model = Model("centernet");
        using var detector = new ObjectDetector(model, new ObjectDetectorOptions(OneThread));
        Detection[] found = [.. detector.Process(Picture(picture)).ToArray().Where(d => detector.Labels[d.Label] == label)];
        Assert.True(found.Length >= atLeast, $"{found.Length} of {label}");
    }

    [Theory]
    [InlineData("astronaut.png")]
    [InlineData("face.jpg")]
    public void BlazeFace_finds_the_face(string picture)
    {
        using EdgeModel model = Model("blazeface-human"), other = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var detector = new FaceDetector(model, new FaceDetectorOptions(OneThread));
        using var reference = new FaceDetector(other, new FaceDetectorOptions(OneThread));
        Frame frame = Picture(picture);
        Detection face = detector.Process(frame)[0], expected = reference.Process(frame)[0];
        Assert.True(face.Score > 0.8, $"score {face.Score}");
        // Another network of the same kind, so not the same box, but the same face.
        for (int p = 0; p < 4; p++) Assert.True(Distance(face.Points[p], expected.Points[p]) < 0.15 * expected.Width, $"point {p}: {face.Points[p]}, {expected.Points[p]}");
    }

    [Theory]
    [InlineData("astronaut.png")]
    [InlineData("face.jpg")]
    public void FaceMesh_lies_on_the_face(string picture)
    {
        using EdgeModel model = Model("facemesh");
        Frame frame = Picture(picture);
        Detection face = Face(frame);
        float side = 1.5f * Math.Max(face.Width, face.Height);
        var region = new Region(face.X + face.Width / 2 - side / 2, face.Y + face.Height / 2 - side / 2, side, side);
        using var session = new InferenceSession(model.Graph, OneThread);
        var preprocessor = new ImagePreprocessor(model.Metadata.Image!, session.Graph.Inputs[0].Type);
        preprocessor.Write(frame, region, session.Input(0).Span<float>());
        session.Run();
        Assert.True(session.Output(session.OutputIndex("output_faceflag")).Span<float>()[0] > 0.9, "it sees no face");
        ReadOnlySpan<float> mesh = session.Output(session.OutputIndex("output_mesh")).Span<float>();
        // Points of MediaPipe's mesh: tip of the nose, right and left corner of the mouth, outer corners of the right and left eye.
        KeyPoint nose = At(mesh, 1), mouth = Middle(At(mesh, 61), At(mesh, 291)), rightEye = Middle(At(mesh, 33), At(mesh, 133)), leftEye = Middle(At(mesh, 263), At(mesh, 362));
        Assert.True(Distance(nose, face.Points[2]) < 0.12 * face.Width, $"nose {nose}, {face.Points[2]}");
        Assert.True(Distance(mouth, face.Points[3]) < 0.12 * face.Width, $"mouth {mouth}, {face.Points[3]}");
        Assert.True(Distance(rightEye, face.Points[0]) < 0.12 * face.Width, $"right eye {rightEye}, {face.Points[0]}");
        Assert.True(Distance(leftEye, face.Points[1]) < 0.12 * face.Width, $"left eye {leftEye}, {face.Points[1]}");

        KeyPoint At(ReadOnlySpan<float> points, int i) => new(region.X + points[3 * i] / 192 * side, region.Y + points[3 * i + 1] / 192 * side);
    }

    [Theory]
    [InlineData("astronaut.png", 0.4)]
    [InlineData("people.jpg", 0.2)]
    public void MoveNet_finds_key_points_of_a_person(string picture, double score)
    {
        using EdgeModel model = Model("movenet-lightning"), objects = Model("centernet");
        Frame frame = Picture(picture);
        using var detector = new ObjectDetector(objects, new ObjectDetectorOptions(OneThread));
        Detection person = detector.Process(frame).ToArray().First(d => d.Label == 0);
        float side = 1.25f * Math.Max(person.Width, person.Height);
        var region = new Region(person.X + person.Width / 2 - side / 2, person.Y + person.Height / 2 - side / 2, side, side);
        using var session = new InferenceSession(model.Graph, OneThread);
        float[] pixels = new float[192 * 192 * 3];
        new ImagePreprocessor(new ImageInput(), new TensorType(DataType.F32, 1, 192, 192, 3)).Write(frame, region, pixels);
        Span<int> input = session.Input(0).Span<int>();
        for (int i = 0; i < pixels.Length; i++) input[i] = (int)MathF.Round(pixels[i]);
        session.Run();

        // Rows of y, x and score. Shoulders are 5 and 6, the nose is 0.
        float[] points = session.Output(0).Span<float>().ToArray();
        foreach (int p in (int[])[0, 5, 6])
        {
            Assert.True(points[3 * p + 2] > score, $"point {p} scores {points[3 * p + 2]}");
            float x = region.X + points[3 * p + 1] * side, y = region.Y + points[3 * p] * side;
            Assert.True(x > person.X && x < person.X + person.Width && y > person.Y && y < person.Y + person.Height, $"point {p} at {x},{y} is not on the person");
        }
        // The nose is above the shoulders, and between them: the picture is not upside down or turned.
        Assert.True(points[0] < points[15] && points[0] < points[18], "the nose is not above the shoulders");
    }

    [Fact]
    public void Embeddings_of_one_face_are_nearer_than_of_two()
    {
        using EdgeModel model = Model("face-embedding");
        using var session = new InferenceSession(model.Graph, OneThread);
        Frame astronaut = Picture("astronaut.png"), other = Picture("face.jpg");
        float[] first = Embedding(astronaut, 1.3f, 0, mirrored: false), moved = Embedding(astronaut, 1.5f, 0.06f, mirrored: false),
            mirrored = Embedding(astronaut, 1.3f, 0, mirrored: true), second = Embedding(other, 1.3f, 0, mirrored: false);
        double same = Math.Min(Cosine(first, moved), Cosine(first, mirrored)), different = Math.Max(Cosine(first, second), Cosine(mirrored, second));
        Assert.True(same > different + 0.1, $"one person {same:0.000}, two {different:0.000}");

        float[] Embedding(Frame frame, float scale, float shift, bool mirrored)
        {
            Detection face = Face(frame);
            float side = scale * Math.Max(face.Width, face.Height);
            var region = new Region(face.X + face.Width / 2 - side / 2 + shift * side, face.Y + face.Height / 2 - side / 2, side, side);
            Span<float> input = session.Input(0).Span<float>();
            new ImagePreprocessor(new ImageInput(), session.Graph.Inputs[0].Type).Write(frame, region, input);
            if (mirrored)
                for (int row = 0; row < 224; row++)
                    for (int x = 0; x < 112; x++)
                        for (int c = 0; c < 3; c++) (input[(row * 224 + x) * 3 + c], input[(row * 224 + 223 - x) * 3 + c]) = (input[(row * 224 + 223 - x) * 3 + c], input[(row * 224 + x) * 3 + c]);
            session.Run();
            return session.Output(session.OutputIndex("global_pooling/Mean")).Span<float>().ToArray();
        }
    }

    /// <summary>That a model with loops, lists and data-dependent shapes gives what TensorFlow.js gives is checked on noise.</summary>
    [Theory]
    [InlineData("hand-landmark-lite")]
    [InlineData("hand-landmark-full")]
    [InlineData("hand-palm")]
    [InlineData("selfie")]
    [InlineData("meet")]
    [InlineData("iris")]
    [InlineData("face-emotion")]
    [InlineData("face-antispoof")]
    [InlineData("face-live")]
    [InlineData("hand-detect")]
    public void The_others_convert_without_transposes_around_convolutions_and_give_numbers(string name)
    {
        using EdgeModel model = Model(name);
        using var session = new InferenceSession(model.Graph, OneThread);
        Tensor[] inputs = [.. model.Graph.Inputs.Select(i => new Tensor(i.Type))];
        session.Run([.. inputs.Select(i => i.View)]);
        for (int i = 0; i < model.Graph.Outputs.Count; i++)
            foreach (float x in session.Output(i).Span<float>()) Assert.True(float.IsFinite(x));
        Assert.DoesNotContain(model.Graph.Nodes, n => n.Operator is Operators.Transpose && n.Outputs[0].Consumers.Any(c => c.Operator is Operators.Conv));
    }

    private static EdgeModel Model(string name)
    {
        ZooModel known = ModelZoo.Default.Get(name);
        string? path = ModelCache.Default.Find(known);
        Assert.SkipUnless(path is not null, $"{name} is not on this machine: `edgert models pull {name}`");
        return Converter.Convert(path).Model;
    }

    private static Frame Picture(string name)
    {
        using FrameSource source = FrameSource.Open(Repository.Data("images", name));
        var frame = new Frame();
        Assert.True(source.Read(frame));
        return frame;
    }

    /// <summary>The face that the shipped detector finds.</summary>
    private static Detection Face(Frame frame)
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var detector = new FaceDetector(model, new FaceDetectorOptions(OneThread));
        return detector.Process(frame)[0];
    }

    private static KeyPoint Middle(KeyPoint a, KeyPoint b) => new((a.X + b.X) / 2, (a.Y + b.Y) / 2);

    private static double Distance(KeyPoint a, KeyPoint b) => Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));

    private static double Cosine(float[] a, float[] b)
    {
        double product = 0, lengthA = 0, lengthB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += a[i] * b[i];
            lengthA += a[i] * a[i];
            lengthB += b[i] * b[i];
        }
        return product / Math.Sqrt(lengthA * lengthB);
    }
}
